"""Facts about customers. Heard in the same transaction, inside the tenant."""

from blinker import signal

customer_deleting = signal("customer_deleting")
"""A customer is about to be put into the bin; sent with `customer`, which is locked. Who holds something that still
needs it (a document, a receipt) raises Conflict and says what is in the way."""

service_type_deleting = signal("service_type_deleting")
"""A service type is about to be put into the bin; sent with `service_type`, which is locked. Who holds drafts that
would lose it raises Conflict."""

company_changing = signal("company_changing")
"""A company's tax settings are about to be changed; sent with `company` (as it was) and `changes` (name: new value).
Who has issued documents that would contradict them raises Conflict."""

customers_in_use = signal("customers_in_use")
"""Asked of those above: sent with `ids`; a receiver returns those of them that it holds something of (a document, a
receipt), so that an undo of an import leaves them."""
