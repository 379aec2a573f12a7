"""Pure decisions about spending: amounts, statuses, what is posted, the shape of the category tree."""
