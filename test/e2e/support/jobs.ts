import type { Stack } from './stack.ts'
import { waitUntil } from './wait.ts'

/** What the bridge itself says of its work, where a peer cannot tell. */

type Line = Readonly<Record<string, unknown>>

/** How an activity that came in, or a delivery, ended, once it has. */
export const endOf = ({ bridge }: Stack, job: string): Promise<string> =>
  waitUntil(`the end of ${job}`, () => {
    const end = bridge.log().findLast(({ key }) => key === job)?.['outcome']
    return typeof end === 'string' && end !== 'retry' && end
  })

/** Until an activity of that actor whose id holds these words has come in, and its work is over. */
export const cameIn = ({ bridge }: Stack, actor: string, words: string): Promise<true> =>
  waitUntil(`${words} of ${actor}`, () =>
    bridge
      .log()
      .some(
        ({ kind, key, outcome }) =>
          kind === 'activity' &&
          typeof outcome === 'string' &&
          outcome !== 'retry' &&
          String(key).startsWith(actor) &&
          String(key).includes(words),
      ),
  )

const isTakenBy =
  (url: string) =>
  ({ kind, key, outcome }: Line): boolean =>
    kind === 'delivery' &&
    outcome === 'delivered' &&
    (String(key).split(' ')[1] ?? '').startsWith(url)

/** Ids of the activities that a server has taken. */
export const takenBy = ({ bridge }: Stack, url: string): readonly string[] =>
  bridge
    .log()
    .filter(isTakenBy(url))
    .map(({ key }) => String(key).split(' ')[0] ?? '')

/** Until a server has taken so many more than before. */
export async function takesMore(
  stack: Stack,
  url: string,
  { more, than }: { readonly more: number; readonly than: readonly string[] },
): Promise<void> {
  await waitUntil(
    `${url} takes ${more} more`,
    () => takenBy(stack, url).length >= than.length + more,
  )
}

/** Until a server has taken that activity. */
export const isTaken = (stack: Stack, activity: string, url: string): Promise<true> =>
  waitUntil(`${url} takes ${activity}`, () => takenBy(stack, url).includes(activity))
