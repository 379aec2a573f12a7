"""The edge and the pages: requests, problems, rendering, components, static files, the guide. Knows no business."""
