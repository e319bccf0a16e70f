/** Where a stem occurs: for each paper and field with it, how often. Entries of one paper follow each other. */
export class Postings {
  /** Papers that have the stem, without those removed. */
  papers = 0
  count = 0
  /** [at least count]. */
  slots = new Uint32Array(1)
  /** Field in the lower 4 bits, frequency in the others; [at least count]. */
  entries = new Uint16Array(1)

  /** @param slot Not below that of the last entry. */
  add(slot: number, field: number, frequency: number): void {
    if (this.count === 0 || this.slots[this.count - 1] !== slot) this.papers++
    if (this.count === this.slots.length) {
      // By half, since most stems are rare.
      const room = this.count + (this.count >> 1) + 1
      const [slots, entries] = [this.slots, this.entries]
      this.slots = new Uint32Array(room)
      this.slots.set(slots)
      this.entries = new Uint16Array(room)
      this.entries.set(entries)
    }
    this.slots[this.count] = slot
    this.entries[this.count++] = (Math.min(frequency, 4095) << 4) | field
  }

  /** Keeps the entries of slots that have a new number, which must ascend; others have -1. */
  renumber(slots: Int32Array): void {
    let kept = 0
    for (let index = 0; index < this.count; index++) {
      const slot = slots[this.slots[index]!]!
      if (slot < 0) continue
      this.slots[kept] = slot
      this.entries[kept++] = this.entries[index]!
    }
    this.count = kept
  }
}
