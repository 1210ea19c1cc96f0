import { serve } from '../test/simulation/shared.ts'

/** A process of `npm run simulate`, which shares out the seeds. */
serve()
