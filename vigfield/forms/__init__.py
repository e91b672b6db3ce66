"""Consent forms as data: versioned, in several languages, checked on loading, shown again as they were."""

from vigfield.forms.dates import spoken
from vigfield.forms.form import Direction, Form, Label, Missing, ScopeText, Section, canonical
from vigfield.forms.load import Fault, Faulty, What, load, shipped

__all__ = [
    "Direction",
    "Fault",
    "Faulty",
    "Form",
    "Label",
    "Missing",
    "ScopeText",
    "Section",
    "What",
    "canonical",
    "load",
    "shipped",
    "spoken",
]
