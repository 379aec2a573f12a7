"""What every area stands on: database, tenancy, money, time, errors, jobs. Knows no business."""
