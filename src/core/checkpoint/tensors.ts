/** One tensor of a checkpoint, read on demand. */
export interface CheckpointTensor {
  readonly name: string
  readonly shape: readonly number[]
  /** The values as float32, row-major, from any float type. The array belongs to the caller. */
  read(): Promise<Float32Array<ArrayBuffer>>
}

/** Float tensors of a checkpoint by name; integer tensors (such as `position_ids`) are left out. */
export type Checkpoint = ReadonlyMap<string, CheckpointTensor>
