/** Whether all of `text` is what the glob says: `*` is anything, `?` any one character. In linear time for each star. */
export function matchesGlob(glob: string, text: string): boolean {
  let [at, inText, star, restart] = [0, 0, -1, 0]
  while (inText < text.length) {
    const wanted = glob[at]
    if (wanted === '*') [star, restart, at] = [at, inText, at + 1]
    else if (wanted !== undefined && (wanted === '?' || wanted === text[inText])) {
      at += 1
      inText += 1
    } else if (star >= 0) {
      restart += 1
      ;[at, inText] = [star + 1, restart]
    } else return false
  }
  return /^\**$/.test(glob.slice(at))
}
