/** The package's worker, which a message can end. */
import './specter2-web/workers/embed.js'

addEventListener('message', ({ data }) => {
  if (data === 'ping') postMessage('pong')
  if (data === 'close') close()
  if (data === 'throw') throw new Error('Thrown on request.')
})
