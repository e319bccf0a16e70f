/** Names under which the hub has the models that this package knows by shorter ones. */
const SHORT_NAMES: Readonly<Record<string, string>> = {
  'allenai/specter2': 'specter2',
  'allenai/specter2_base': 'specter2',
  'allenai/specter2_aug2023refresh': 'specter2-aug2023refresh',
  'allenai/specter2_aug2023refresh_base': 'specter2-aug2023refresh',
  'allenai/specter': 'specter',
  'malteos/scincl': 'scincl',
  'sentence-transformers/all-MiniLM-L6-v2': 'minilm',
}

/** The short name of a model; any other name as it is. */
export const shortName = (name: string): string => (Object.hasOwn(SHORT_NAMES, name) ? SHORT_NAMES[name]! : name)
