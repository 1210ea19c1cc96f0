import type { Queue } from './queue.ts'

/** What the admin may see and do. What waits again is looked at at once. */
export function deskOf(
  queue: Queue,
  wake: () => void,
): Pick<
  Queue,
  'depth' | 'busiest' | 'failing' | 'fateOf' | 'listFailed' | 'retryFailed' | 'dropFailed'
> {
  const { depth, busiest, failing, fateOf, listFailed, dropFailed } = queue
  return {
    ...{ depth, busiest, failing, fateOf, listFailed, dropFailed },
    async retryFailed(id) {
      const isBack = await queue.retryFailed(id)
      wake()
      return isBack
    },
  }
}
