const Real = globalThis.Date

/** For this whole process it is so many milliseconds later than it is. */
export function moveClock(ahead) {
  globalThis.Date = class extends Real {
    constructor(...fields) {
      if (fields.length === 0) super(Real.now() + ahead)
      else super(...fields)
    }

    static now() {
      return Real.now() + ahead
    }
  }
}
