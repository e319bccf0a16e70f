/**
 * An adapter of your own: trained with the `adapters` library on SPECTER2's base, and served as it was saved
 * (adapter_config.json with pytorch_adapter.bin or safetensors). Nothing is converted beforehand.
 */
import { createEmbedder, nearest } from 'specter2-web'

const embedder = await createEmbedder({ model: '/models/specter2/' })
const adapter = await embedder.loadAdapter('/adapters/my-adapter/', { as: 'mine' })

const papers = [
  { title: 'A structure for deoxyribose nucleic acid', abstract: 'A double helix with paired bases is proposed.' },
  { title: 'On the electrodynamics of moving bodies', abstract: 'The speed of light is the same for all observers.' },
  { title: 'Molecular configuration in sodium thymonucleate', abstract: null },
]
const { vectors, dimension } = await embedder.embed(papers, { adapter })

// Vectors of two adapters are never compared: the example is embedded with the same one.
for (const { row, distance } of nearest(vectors.slice(0, dimension), vectors, embedder.info, { k: 2 }))
  console.log(distance, papers[row]?.title)
await embedder.dispose()
