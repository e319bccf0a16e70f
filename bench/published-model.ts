import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { type TensorData, writeSafetensors } from '../src/core/checkpoint/safetensors.js'
import type { Checkpoint } from '../src/core/checkpoint/tensors.js'
import { bertConfig, randomCheckpoint, specter2Shape } from './models.js'

const VOCABULARY = 31_090
const BOTTLENECK = 48
/** Folders in which SPECTER2's adapters are published, by our names of the adapters. */
export const ADAPTER_FOLDERS: Readonly<Record<string, string>> = {
  proximity: 'specter2',
  adhoc_query: 'specter2_adhoc_query',
  classification: 'specter2_classification',
  regression: 'specter2_regression',
}

/**
 * Writes files of SPECTER2's size in the formats in which it is published, with random weights from a seed: a base in
 * `<folder>/specter2_base` and four adapters beside it. The vocabulary begins with that of `fixture`, a tiny SPECTER2.
 */
export async function writePublishedModel(folder: string, seed: number, fixture: string): Promise<void> {
  rmSync(folder, { recursive: true, force: true })
  const shape = specter2Shape(VOCABULARY)
  const base = join(folder, 'specter2_base')
  mkdirSync(base, { recursive: true })
  writeFileSync(join(base, 'config.json'), JSON.stringify(bertConfig(shape)))
  writeFileSync(join(base, 'tokenizer_config.json'), readFileSync(join(fixture, 'tokenizer_config.json')))
  const words = readFileSync(join(fixture, 'vocab.txt'), 'utf8').trimEnd().split('\n')
  const filled = [...words, ...Array.from({ length: VOCABULARY - words.length }, (_, index) => `filler${index}`)]
  writeFileSync(join(base, 'vocab.txt'), `${filled.join('\n')}\n`)
  await writeLargeSafetensors(join(base, 'model.safetensors'), randomCheckpoint(shape, seed))

  const config = JSON.parse(readFileSync(join(fixture, 'adapters/proximity/adapter_config.json'), 'utf8'))
  for (const [index, [name, published]] of Object.entries(ADAPTER_FOLDERS).entries()) {
    const adapter = join(folder, published)
    mkdirSync(adapter)
    const { name: _, ...others } = { ...config, hidden_size: shape.hidden }
    writeFileSync(join(adapter, 'adapter_config.json'), JSON.stringify({ ...others, name }))
    // An adapter's dense layers have the shapes of a narrow encoder's.
    const random = randomCheckpoint(
      { ...shape, intermediate: BOTTLENECK, vocabulary: 1, positions: 1 },
      seed + 1000 * (index + 1),
    )
    const tensors: TensorData[] = []
    for (let layer = 0; layer < shape.layers; layer++) {
      const from = `encoder.layer.${layer}`
      const to = `bert.encoder.layer.${layer}.output.adapters.${name}`
      for (const [source, target] of [
        ['intermediate.dense', 'adapter_down.0'],
        ['output.dense', 'adapter_up'],
      ])
        for (const part of ['weight', 'bias']) {
          const tensor = random.get(`${from}.${source}.${part}`)!
          tensors.push({ name: `${to}.${target}.${part}`, shape: tensor.shape, data: await tensor.read() })
        }
    }
    writeFileSync(join(adapter, 'adapter_model.safetensors'), writeSafetensors(tensors))
  }
}

/** Writes tensor by tensor, so that never all are in memory. */
async function writeLargeSafetensors(path: string, checkpoint: Checkpoint): Promise<void> {
  let offset = 0
  const header: Record<string, unknown> = {}
  for (const [name, { shape }] of checkpoint) {
    const bytes = 4 * shape.reduce((product, size) => product * size, 1)
    header[name] = { dtype: 'F32', shape, data_offsets: [offset, offset + bytes] }
    offset += bytes
  }
  const json = new TextEncoder().encode(JSON.stringify(header))
  const size = new Uint8Array(8)
  new DataView(size.buffer).setBigUint64(0, BigInt(json.length), true)
  const file = await open(path, 'w')
  try {
    await file.write(size)
    await file.write(json)
    for (const tensor of checkpoint.values()) await file.write(new Uint8Array((await tensor.read()).buffer))
  } finally {
    await file.close()
  }
}
