import type { Table } from '../../../src/render/table.ts'

/**
 * A second opinion on facts: reads the formula of a fact's lineage and works it out from the table's cells with whole
 * numbers only. Shares no code with what it checks. Knows tables with text columns `region`, `product`, and `quarter`
 * written as 2023-Q4, which formulas call "Q4 2023".
 */
export function evaluate(formula: string, table: Table): Fraction {
  const [text = ''] = formula.split(' where ')
  const parser = new Parser(text, table)
  const value = parser.sum()
  parser.end()
  return value
}

/** Exact: numerator and denominator above zero. */
export interface Fraction {
  readonly over: bigint
  readonly under: bigint
}

const whole = (value: bigint): Fraction => ({ over: value, under: 1n })
const add = (a: Fraction, b: Fraction): Fraction => ({
  over: a.over * b.under + b.over * a.under,
  under: a.under * b.under,
})
const negate = (a: Fraction): Fraction => ({ over: -a.over, under: a.under })
const times = (a: Fraction, b: Fraction): Fraction => ({ over: a.over * b.over, under: a.under * b.under })
const inverse = (a: Fraction): Fraction => {
  if (a.over === 0n) throw new Error('The formula divides by zero')
  return a.over < 0n ? { over: -a.under, under: -a.over } : { over: a.under, under: a.over }
}
export const compare = (a: Fraction, b: Fraction): number => {
  const left = a.over * b.under
  const right = b.over * a.under
  return left < right ? -1 : left > right ? 1 : 0
}

/** Decimal text as a fraction. */
export function fraction(text: string): Fraction {
  const [, sign = '', integer = '', decimals = ''] = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text) ?? []
  if (integer === '') throw new Error(`"${text}" is no plain decimal`)
  const over = BigInt(integer + decimals)
  return { over: sign === '-' ? -over : over, under: 10n ** BigInt(decimals.length) }
}

/** True when `text` is `exact` rounded to six decimals or to six digits, whichever is finer. */
export function isRounded(text: string, exact: Fraction): boolean {
  const gap = add(fraction(text), negate(exact))
  const size = gap.over < 0n ? negate(gap) : gap
  return compare(size, { over: 1n, under: 2_000_000n }) <= 0
}

class Parser {
  #at = 0
  readonly #text: string
  readonly #table: Table

  constructor(text: string, table: Table) {
    this.#text = text
    this.#table = table
  }

  end(): void {
    if (this.#text.slice(this.#at).trim() !== '')
      throw new Error(`Cannot read "${this.#text.slice(this.#at)}" of "${this.#text}"`)
  }

  sum(): Fraction {
    let value = this.#product()
    for (;;) {
      if (this.#take(/ \+ /y)) value = add(value, this.#product())
      else if (this.#take(/ - /y)) value = add(value, negate(this.#product()))
      else return value
    }
  }

  #product(): Fraction {
    let value = this.#factor()
    for (;;) {
      if (this.#take(/ \* /y)) value = times(value, this.#factor())
      else if (this.#take(/ \/ /y)) value = times(value, inverse(this.#factor()))
      else return value
    }
  }

  #factor(): Fraction {
    if (this.#take(/\(/y)) {
      const value = this.sum()
      if (!this.#take(/\)/y)) throw new Error(`A bracket is not closed in "${this.#text}"`)
      return value
    }
    const number = this.#take(/\d+/y)
    if (number) return fraction(number[0])
    const call = this.#take(/(sum|avg|max|min|rank|count)\(([^()[\]]+?)(?:\[([^\]]*)\])?\)/y)
    if (call) return this.#call(call[1] ?? '', call[2] ?? '', call[3])
    const cell = this.#take(/(\w+)\[([^\]]*)\]/y)
    if (!cell) throw new Error(`Cannot read "${this.#text.slice(this.#at)}" of "${this.#text}"`)
    return this.#only(this.#cells(cell[1] ?? '', cell[2]))
  }

  #call(name: string, argument: string, filter: string | undefined): Fraction {
    if (name === 'count') return this.#count(argument)
    const cells = this.#cells(argument, name === 'rank' ? undefined : filter)
    const total = cells.reduce(add, whole(0n))
    const sorted = cells.toSorted(compare)
    switch (name) {
      case 'sum':
        return total
      case 'avg':
        return times(total, inverse(whole(BigInt(cells.length))))
      case 'max':
        return this.#some(sorted.at(-1))
      case 'min':
        return this.#some(sorted[0])
      default: {
        const own = this.#only(this.#cells(argument, filter))
        return whole(BigInt(1 + cells.filter((cell) => compare(cell, own) > 0).length))
      }
    }
  }

  #count(argument: string): Fraction {
    if (argument === '*') return whole(BigInt(this.#table.rows.length))
    const name = argument.replace(/^distinct /, '')
    const index = this.#index(name)
    const present = this.#table.rows.map((row) => row[index]).filter((cell) => cell !== null)
    return whole(BigInt(name === argument ? present.length : new Set(present).size))
  }

  /** Present cells of a column: all, one row's by its label, a category's (`region = EMEA`), or a quarter's. */
  #cells(column: string, filter: string | undefined): Fraction[] {
    const index = this.#index(column)
    const rows = filter === undefined ? this.#table.rows : this.#table.rows.filter((row) => this.#isMeant(row, filter))
    return rows.flatMap((row) => (row[index] === null || row[index] === undefined ? [] : [fraction(row[index])]))
  }

  #isMeant(row: readonly (string | null)[], filter: string): boolean {
    const labels = this.#table.columns.flatMap((column, index) =>
      column.type === 'text' ? [spell(row[index] ?? '')] : [],
    )
    const [column, member] = filter.split(' = ')
    if (member !== undefined && column !== undefined) return row[this.#index(column)] === member
    return labels.join(', ') === filter || (/^Q\d \d{4}$/.test(filter) && labels.includes(filter))
  }

  #index(column: string): number {
    const index = this.#table.columns.findIndex(({ name }) => name === column)
    if (index < 0) throw new Error(`The formula names column "${column}", which is not there`)
    return index
  }

  #only(cells: readonly Fraction[]): Fraction {
    if (cells.length !== 1) throw new Error(`"${this.#text}" means ${cells.length} cells where it should mean one`)
    return this.#some(cells[0])
  }

  #some(value: Fraction | undefined): Fraction {
    if (value === undefined) throw new Error(`"${this.#text}" has no value`)
    return value
  }

  #take(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#at
    const match = pattern.exec(this.#text)
    if (match) this.#at += match[0].length
    return match
  }
}

const spell = (cell: string): string => cell.replace(/^(\d{4})-(Q\d)$/, '$2 $1')
