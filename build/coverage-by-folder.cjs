/** Reporter of `npm run coverage`: one line for each folder. CommonJS, as istanbul loads reporters with `require`. */
module.exports = class {
  /** @param {{ getTree(name: 'pkg'): { visit(visitor: object, context: object): void } }} context */
  execute(context) {
    console.log('statements  branches  folder')
    context.getTree('pkg').visit(this, context)
  }

  /**
   * @typedef {{ pct: number }} Covered
   * @param {{ getQualifiedName(): string, getCoverageSummary(filesOnly: boolean): { statements: Covered, branches: Covered } }} node
   */
  onSummary(node) {
    const { statements, branches } = node.getCoverageSummary(false)
    const percent = (/** @type {Covered} */ { pct }) => `${pct.toFixed(1)} %`.padStart(10)
    console.log(`${percent(statements)}${percent(branches)}  ${node.getQualifiedName() || 'all'}`)
  }
}
