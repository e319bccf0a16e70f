// The integer product of activations and weights.
import { CODE_BYTES, lastTile, TILE_ROWS, wholeTile } from './tiles'

/** Keeps the loads that only touch memory. */
let touched: i32 = 0

/**
 * out [count, 8 · panels] = or += x · w + bias.
 *
 * A panel stays in the first cache while all rows go by. Each tile touches some of the next panel first, since WASM has no prefetch.
 *
 * @param codes, rows x [count, k] as codes; k a multiple of 8.
 * @param panels, columns w [k, 8 · count of panels] as codes, and scale, sum of codes times scale, and bias of the columns.
 * @param outBytes From row to row of `out`.
 */
export function product(
  codes: usize,
  rows: usize,
  count: i32,
  k: i32,
  panels: usize,
  columns: usize,
  panelCount: i32,
  out: usize,
  outBytes: usize,
  add: bool,
): void {
  const bytes = (<usize>k) << 3
  const tileBytes = <usize>(k * TILE_ROWS * CODE_BYTES)
  const tiles = (count + TILE_ROWS - 1) / TILE_ROWS
  const ahead = (bytes / <usize>tiles + 63) & ~63
  let sink: i32 = 0
  for (let panel: i32 = 0; panel < panelCount; panel++) {
    let next = panels + bytes
    const end = panel + 1 < panelCount ? next + bytes : next
    let x = codes
    let row = rows
    let to = out
    let left = count
    for (; left >= TILE_ROWS; left -= TILE_ROWS) {
      const until = min(next + ahead, end)
      for (; next < until; next += 64) sink += load<i32>(next)
      wholeTile(x, row, panels, columns, bytes, to, outBytes, add)
      x += tileBytes
      row += <usize>(TILE_ROWS * 8)
      to += <usize>TILE_ROWS * outBytes
    }
    lastTile(left, x, row, panels, columns, bytes, to, outBytes, add)
    panels += bytes
    columns += 96
    out += 32
  }
  touched = sink
}
