/** How many cores are worth using: more than eight bring nothing, and of many cores half are siblings of others. */
export function usefulCores(cores: number): number {
  return cores <= 4 ? cores : Math.min(8, Math.ceil(cores / 2))
}
