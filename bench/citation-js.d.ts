// The peer has no types of its own; this is what the bench uses of it.
declare module '@citation-js/core' {
  export class Cite {
    constructor(text: string)
    readonly data: unknown[]
  }
}
declare module '@citation-js/plugin-bibtex'
declare module '@citation-js/plugin-ris'
