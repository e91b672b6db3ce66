"""An embedded FHIR R4 service for the demo and for tests, and for nothing else.

It keeps what vigfield sends in a plain SQLite file, lets everybody on the machine in, and has neither users
nor an audit log. A real service runs a real FHIR server. It stands alone: none of the four parts imports it.
"""

from vigfield.service.serving import Served, serve
from vigfield.service.web import build

__all__ = ["Served", "build", "serve"]
