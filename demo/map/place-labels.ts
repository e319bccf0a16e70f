/** A name and its place, in pixels. */
export interface Label {
  text: string
  x: number
  y: number
  width: number
  height: number
}

export interface PlacedLabel extends Label {
  /** The upper left corner. */
  left: number
  top: number
}

/** Space between two names, in pixels. */
const GAP = 4

/**
 * Places names so that none covers another: centred on its place, or one or two lines above or below it, or not at all. Names at the
 * edge are moved inside.
 *
 * @param labels Most important first.
 * @returns A corner for each label, in order; `null` if its place is out of sight or it has no room.
 */
export function placeLabels(
  labels: readonly Label[],
  { width, height }: { width: number; height: number },
): (PlacedLabel | null)[] {
  const taken: PlacedLabel[] = []
  return labels.map((label) => {
    const { x, y } = label
    if (x < 0 || y < 0 || x > width || y > height || label.width > width) return null
    for (const lines of [0, -1, 1, -2, 2]) {
      const left = inside(x - label.width / 2, label.width, width)
      const top = inside(y - label.height / 2 + lines * (label.height + GAP), label.height, height)
      const placed = { ...label, left, top }
      if (taken.some((other) => overlap(placed, other))) continue
      taken.push(placed)
      return placed
    }
    return null
  })
}

const inside = (start: number, size: number, room: number) => Math.max(0, Math.min(room - size, start))

const overlap = (a: PlacedLabel, b: PlacedLabel) =>
  a.left < b.left + b.width + GAP &&
  b.left < a.left + a.width + GAP &&
  a.top < b.top + b.height + GAP &&
  b.top < a.top + a.height + GAP
