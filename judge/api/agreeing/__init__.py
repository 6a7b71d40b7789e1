"""The verb ``agree``: ratings in, agreement statistics out."""
