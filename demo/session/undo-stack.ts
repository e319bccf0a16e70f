import type { LibrarySession } from './library-session.js'

interface Step {
  /** `null`: whatever library is open. */
  session: LibrarySession | null
  undo: () => Promise<unknown>
}

/** What the reader did last, to be undone one after another while this page is open. */
export class UndoStack {
  #steps: Step[] = []

  push(session: LibrarySession | null, undo: () => Promise<unknown>): void {
    this.#steps.push({ session, undo })
  }

  /** Undoes the last step that concerns the open library. @returns Whether there was one. */
  async pop(session: LibrarySession | null): Promise<boolean> {
    const index = this.#steps.findLastIndex((step) => step.session === null || step.session === session)
    if (index < 0) return false
    const [step] = this.#steps.splice(index, 1)
    await step!.undo()
    return true
  }
}
