"""A judge's prompt program tuned on physicians' grades, and measured on cases that it never saw."""
