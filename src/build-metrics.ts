import type { Router } from 'express'
import type { Assembly } from './assembly.ts'
import type { Config } from './config/config.ts'
import type { Meter } from './model/meter.ts'
import { createCollect } from './metrics/collect.ts'
import { metricsRoutes } from './metrics/routes.ts'
import { version } from './version.ts'

type Metrics = {
  readonly meter: Meter
  /** Where they are told. */
  readonly place: NonNullable<Config['metrics']>
  readonly routesOf: (assembly: Assembly) => readonly Router[]
}

/** Undefined where nobody wants any: then nothing of it is even loaded. */
export async function buildMetrics({ metrics }: Config): Promise<Metrics | undefined> {
  if (metrics === undefined) return undefined
  const { createMeasuring } = await import('./metrics/meter.ts')
  const measuring = createMeasuring(version)
  return {
    meter: measuring.meter,
    place: metrics,
    routesOf: ({ deps }) => {
      const { store, jobs, clock, operations } = deps
      const databaseSize = () => operations.facts().databaseSize
      return [metricsRoutes(measuring, createCollect({ ...store, ...jobs, clock, databaseSize }))]
    },
  }
}
