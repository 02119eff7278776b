"""Texts of the queries of a project's database that `Repository` runs."""

TABLE_ROW = """
SELECT frame.id, path, time, status, sky, part, COALESCE(same_as, like, 0), same_as IS NOT NULL,
       auto.trust, model.uncertainty,
       COALESCE(human.cloud_fraction, model.cloud_fraction, auto.cloud_fraction),
       labelled_at, floor, median, auto.level, auto.excess, auto.undecided, auto.disagreement,
       model.novelty, frame.model IS NOT NULL AND frame.human IS NULL
FROM frame
LEFT JOIN mask AS auto ON auto.id = frame.auto
LEFT JOIN mask AS model ON model.id = frame.model
LEFT JOIN mask AS human ON human.id = frame.human
"""

MASK = (
    "tag, object, cloud_fraction, trust, uncertainty, threshold, method, by, at, reference, level,"
    " excess, undecided, disagreement, novelty"
)
"""Columns of `MaskFacts`."""

HISTORY = """
SELECT at, by, 'mask', tag || ': ' || method, id FROM mask WHERE frame = ?
UNION ALL SELECT at, by, what, value, NULL FROM event WHERE frame = ? ORDER BY at
"""

LABEL_COUNTS = """
SELECT COUNT(*),
       COUNT(CASE WHEN status = 'approved' THEN human END),
       COUNT(CASE WHEN status <> 'rejected' THEN COALESCE(human, model, auto) END),
       COUNT(CASE WHEN status <> 'rejected' THEN auto END),
       COUNT(CASE WHEN status <> 'rejected' THEN model END),
       COUNT(CASE WHEN status <> 'rejected' AND sky <> 'unsure' THEN sky END),
       COUNT(CASE WHEN status = 'rejected' THEN 1 END),
       COUNT(CASE WHEN status <> 'rejected' THEN same_as END)
FROM frame
"""

GROWING = {"frame": "id, path", "mask": "id, object, at", "event": "id, at, what, value"}
"""Tables that only grow, and columns that tell one row from another project's."""
