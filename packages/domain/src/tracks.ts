/**
 * Where a release of an app runs. What serves is on the stable track; a candidate runs beside it while a release is tried out, and
 * takes the stable track over at the end.
 */
export type TrackName = 'stable' | 'candidate'
