import type { HeadsProtocol } from './heads/heads-protocol.js'
import { headsService } from './heads/heads-service.js'
import { serve } from './rpc/serve.js'

serve<HeadsProtocol>(headsService())
