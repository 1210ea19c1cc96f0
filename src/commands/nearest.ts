import { distance } from 'fastest-levenshtein'

const longest = 40
const farthest = 2

/** The one of `names` that was probably meant; undefined when none is close. */
export function nearest(typed: string, names: readonly string[]): string | undefined {
  const name = typed.slice(0, longest).toLowerCase()
  const [best] = names
    .map((other) => ({ other, far: distance(name, other) }))
    // A word with half its letters wrong is another word.
    .filter(({ other, far }) => far <= farthest && far * 2 < other.length)
    .sort((a, b) => a.far - b.far)
  return best?.other
}
