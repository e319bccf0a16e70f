/**
 * How many of a machine's cores to use: more than eight bring no gain, and of many cores, half are hyper-threads of the others.
 */
export function usefulCores(cores: number): number {
  return cores <= 4 ? cores : Math.min(8, Math.ceil(cores / 2))
}
