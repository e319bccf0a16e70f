import { StrictMode, useEffect, useState } from 'react'
import { createRoot } from 'react-dom/client'
import { createEmbedder } from 'specter2-web'
import { tryPackage } from './try-package.js'

/** StrictMode mounts twice in development: the first embedder is given up while it loads. */
function App() {
  const [state, setState] = useState('loading')
  useEffect(() => {
    const controller = new AbortController()
    const embedder = createEmbedder({ signal: controller.signal })
    embedder.then(
      () => setState('ready'),
      (error) => controller.signal.aborted || setState(String(error)),
    )
    return () => {
      controller.abort()
      embedder.then(
        (loaded) => loaded.dispose(),
        () => {},
      )
    }
  }, [])
  useEffect(() => {
    if (state === 'ready') window.result = tryPackage(window.options).catch((error) => ({ error: String(error) }))
    else if (state !== 'loading') window.result = { error: state }
  }, [state])
  return <p>{state}</p>
}

createRoot(document.getElementById('root')).render(
  <StrictMode>
    <App />
  </StrictMode>,
)
