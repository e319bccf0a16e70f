/** What crosses between the page and the worker that draws the map: types only. */
import type { MapLayout } from './layout.js'
import type { MapSource } from './map-source.js'

export interface MapTask extends Omit<MapSource, 'papers' | 'waiting'> {
  ids: string[]
  texts: string[]
  /** An earlier layout of vectors of the same kind. */
  saved: MapLayout | null
  /** Whether more papers follow. */
  isGrowing: boolean
  seed: number
}

export interface MapProgress {
  stage: 'neighbours' | 'layout' | 'names'
  /** Share of the stage, 0 … 1. */
  done: number
}

export interface DrawnMap {
  layout: MapLayout
  /** The cluster of each paper; -1 if it is in none. */
  labels: Int32Array
  /** Largest first. */
  clusters: { x: number; y: number; size: number; terms: string[] }[]
}

export interface MapWorker {
  /** Blocks the worker until it is done; terminate the worker to cancel. */
  draw(task: MapTask, onProgress: (progress: MapProgress) => void): Promise<DrawnMap>
}
