/** A converted model is loaded from any URL that leads to its folder. */
import { expect, test } from './site.js'

const QUERY = '?token=a+b%2Fc&expires=7'

for (const url of ['/models/tiny', '/models/tiny/', 'models/tiny/manifest.json', '/specter2-web/../models/tiny/#top']) {
  for (const query of ['', QUERY]) {
    const model = url.replace(/(#.*)?$/, `${query}$1`)
    test(`model: ${model}`, async ({ page, site }) => {
      const asked: string[] = []
      site.answer = (path, response, request) => {
        if (!path.startsWith('/models/')) return false
        asked.push(path)
        // Like a server of signed URLs.
        if (request.url!.endsWith(`${path}${query}`)) return false
        response.writeHead(403).end()
        return true
      }
      const { info, cached } = await page.evaluate(async (model) => {
        const embedder = await window.specter2.createEmbedder({ model })
        await embedder.embedQuery('a query')
        return { info: embedder.info, cached: await window.specter2.listCachedModels() }
      }, model)
      expect(info.storage).toEqual({ cached: true })
      expect(asked).toContain('/models/tiny/manifest.json')
      expect(asked).toContain('/models/tiny/onnx/model_quantized.onnx')
      expect(asked).toContain('/models/tiny/adapters/adhoc_query.f16.safetensors')
      // Tokens change and must not be stored.
      expect(cached.map(({ url }) => url)).toEqual([`${site.url}/models/tiny`])
    })
  }
}
