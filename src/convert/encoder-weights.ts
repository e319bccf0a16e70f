import type { Checkpoint, CheckpointTensor } from '../checkpoint/tensors.js'
import { Specter2Error } from '../errors.js'

/** A dense layer y = x · W + b in the graph's layout. */
export interface DenseWeights {
  /** [inputs, outputs], row-major. */
  weight: Float32Array<ArrayBuffer>
  /** [outputs]. */
  bias: Float32Array<ArrayBuffer>
}

/** A dense layer that is not read yet. */
export interface Dense {
  readonly name: string
  readonly inputs: number
  readonly outputs: number
  read(): Promise<DenseWeights>
}

/** The encoder's tensors by their names in transformers' BertModel, whatever prefix the checkpoint has. */
export class EncoderWeights {
  readonly #checkpoint: Checkpoint
  readonly #prefix: string
  readonly #file: string

  constructor(checkpoint: Checkpoint, file: string) {
    const anchor = 'embeddings.word_embeddings.weight'
    const found = [...checkpoint.keys()].filter((name) => name === anchor || name.endsWith(`.${anchor}`))
    if (found.length !== 1) {
      throw new Specter2Error('UNSUPPORTED', `${file} has ${found.length} tensors named …${anchor}; a BERT encoder has one.`, {
        details: { file },
      })
    }
    this.#checkpoint = checkpoint
    this.#prefix = found[0]!.slice(0, -anchor.length)
    this.#file = file
  }

  /** A tensor of exactly this shape. */
  tensor(name: string, shape: readonly number[]): CheckpointTensor {
    // The first BERT checkpoints, bert-base-uncased among them, name the norms' parameters as TensorFlow did.
    const firstName = name.replace('LayerNorm.weight', 'LayerNorm.gamma').replace('LayerNorm.bias', 'LayerNorm.beta')
    const tensor = this.#checkpoint.get(this.#prefix + name) ?? this.#checkpoint.get(this.#prefix + firstName)
    if (!tensor) {
      throw new Specter2Error(
        'UNSUPPORTED',
        `${this.#file} lacks the tensor ${this.#prefix}${name}; it is not the BERT encoder that config.json describes.`,
        {
          details: { file: this.#file, tensor: name },
        },
      )
    }
    if (tensor.shape.join() !== shape.join()) {
      throw new Specter2Error(
        'DAMAGED_FILE',
        `${this.#file}: ${name} has shape [${tensor.shape}], config.json says [${shape}].`,
        {
          details: { file: this.#file, tensor: name, actual: tensor.shape.join(), expected: shape.join() },
        },
      )
    }
    return tensor
  }

  /**
   * The layers `names`, which share their input, side by side as one of `names.length * outputs` columns.
   *
   * @param scales Factor of each part's weight and bias; default 1.
   */
  dense(
    name: string,
    names: readonly string[],
    inputs: number,
    outputs: number,
    scales: readonly number[] = names.map(() => 1),
  ): Dense {
    const parts = names.map((part, index) => ({
      weight: this.tensor(`${part}.weight`, [outputs, inputs]),
      bias: this.tensor(`${part}.bias`, [outputs]),
      scale: scales[index]!,
    }))
    const columns = outputs * parts.length
    return {
      name,
      inputs,
      outputs: columns,
      read: async () => {
        const weight = new Float32Array(inputs * columns)
        const bias = new Float32Array(columns)
        for (const [index, part] of parts.entries()) {
          transposeInto(weight, await part.weight.read(), outputs, inputs, columns, index * outputs, part.scale)
          bias.set(
            (await part.bias.read()).map((value) => value * part.scale),
            index * outputs,
          )
        }
        return { weight, bias }
      },
    }
  }
}

/** Writes `source` [rows, columns] times `scale` as columns `offset` … of `target`, which is `stride` wide. */
function transposeInto(
  target: Float32Array,
  source: Float32Array,
  rows: number,
  columns: number,
  stride: number,
  offset: number,
  scale: number,
) {
  const block = 32 // Both sides of a block stay in the cache: five times faster than row by row.
  for (let rowStart = 0; rowStart < rows; rowStart += block) {
    const rowEnd = Math.min(rowStart + block, rows)
    for (let columnStart = 0; columnStart < columns; columnStart += block) {
      const columnEnd = Math.min(columnStart + block, columns)
      for (let row = rowStart; row < rowEnd; row++) {
        for (let column = columnStart; column < columnEnd; column++) {
          target[column * stride + offset + row] = source[row * columns + column]! * scale
        }
      }
    }
  }
}
