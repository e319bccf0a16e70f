import { createWriteStream } from 'node:fs'
import { rename } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'

/** Writes a file piece by piece beside its place, and puts it there when it is whole. */
export async function writeFileInPieces(file: string, pieces: Iterable<string>): Promise<void> {
  const incomplete = `${file}.incomplete`
  await pipeline(Readable.from(pieces), createWriteStream(incomplete))
  await rename(incomplete, file)
}
