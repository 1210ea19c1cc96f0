import type { Change } from './change.ts'

/** How a job ended: its changes are committed together with its end. Or it waits off its lane. */
export type JobResult =
  | {
      readonly outcome: string
      readonly changes: readonly Change[]
      /** A block kept it from its aim. */
      readonly isStopped?: true
    }
  | {
      readonly park: { readonly until: number; readonly waitsFor?: string; readonly reason: string }
    }
