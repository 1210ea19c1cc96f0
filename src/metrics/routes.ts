import { Router } from 'express'
import type { Gauges, Measuring } from './meter.ts'

/** `GET /metrics`. */
export function metricsRoutes(
  { read, contentType }: Measuring,
  collect: (gauges: Gauges) => Promise<void>,
): Router {
  const router = Router()
  router.get('/metrics', async (_request, response) => {
    response.set('content-type', contentType).send(await read(collect))
  })
  return router
}
