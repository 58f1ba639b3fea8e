"""What the services need from the world, and from each other, as Protocols that adapters fulfil.

A service knows these names and no adapter; an adapter knows these names and no service.
"""

from gateway.ports.charge_points import AcceptanceDesk as AcceptanceDesk
from gateway.ports.charge_points import AnswerDesk as AnswerDesk
from gateway.ports.charge_points import ChargePointDesk as ChargePointDesk
from gateway.ports.charge_points import DesiredDesk as DesiredDesk
from gateway.ports.charge_points import RecordDesk as RecordDesk
from gateway.ports.charge_points import TransactionDesk as TransactionDesk
from gateway.ports.cloud import CloudDesk as CloudDesk
from gateway.ports.cloud import CommandDesk as CommandDesk
from gateway.ports.files import FileDesk as FileDesk
from gateway.ports.files import FileDoor as FileDoor
from gateway.ports.files import FileOffer as FileOffer
from gateway.ports.files import FileShelf as FileShelf
from gateway.ports.files import FileTicket as FileTicket
from gateway.ports.files import IncomingFile as IncomingFile
from gateway.ports.files import StoredFile as StoredFile
from gateway.ports.limits import Actuator as Actuator
from gateway.ports.limits import Cap as Cap
from gateway.ports.limits import CapSource as CapSource
from gateway.ports.limits import CloudLimits as CloudLimits
from gateway.ports.limits import LimitOutcome as LimitOutcome
from gateway.ports.storage import ChargePointStore as ChargePointStore
from gateway.ports.storage import CloudProfile as CloudProfile
from gateway.ports.storage import Database as Database
from gateway.ports.storage import DocumentStore as DocumentStore
from gateway.ports.storage import Outbox as Outbox
from gateway.ports.storage import ProfileStore as ProfileStore
from gateway.ports.storage import TagCache as TagCache
from gateway.ports.storage import TagStore as TagStore
from gateway.ports.storage import TransactionStore as TransactionStore
from gateway.ports.tags import CloudLists as CloudLists
from gateway.ports.tags import ListSync as ListSync
from gateway.ports.tags import LocalListDesk as LocalListDesk
from gateway.ports.tags import TagDesk as TagDesk
from gateway.ports.tags import TagRegister as TagRegister
from gateway.ports.world import Chance as Chance
from gateway.ports.world import Channel as Channel
from gateway.ports.world import Clock as Clock
from gateway.ports.world import Dialler as Dialler
from gateway.ports.world import Meter as Meter
from gateway.ports.world import Moment as Moment
