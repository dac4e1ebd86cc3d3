"""Strategies of hypothesis for books as libraries hold them: any text, any order, any gap."""

from hypothesis import strategies as st

from pipeline.domain.metadata import FIELDS, LISTS
from pipeline.domain.models import Metadata, SeriesPlace

# JSON in PostgreSQL holds any text but NUL and lone surrogates.
texts = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=30
) | st.sampled_from(["", " ", "Dune", "dune ", "9780441013593", "0441013597", "English", "de"])
places = st.builds(SeriesPlace, texts, st.none() | texts)


def values(field):
    """Any value that a library may hold in *field*."""
    if field == "series":
        return st.lists(places, max_size=3).map(tuple)
    if field in LISTS:
        return st.lists(texts, max_size=3).map(tuple)
    return st.none() | texts


metadata = st.builds(Metadata, **{field: values(field) for field in FIELDS})
