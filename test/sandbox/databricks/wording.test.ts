import { describe, expect, it } from 'vitest'
import { wordingFor } from '../../../sandbox/databricks/analyst/wording.ts'

const fact = (kind: string, label: string, value = '1'): Parameters<ReturnType<typeof wordingFor>['sentence']>[0] => ({
  id: 'F1',
  kind,
  label,
  value,
})
const facts = [
  fact('maximum', 'Highest revenue: EMEA'),
  fact('minimum', 'Lowest revenue: Nordics and APAC'),
  fact('share', 'Share of total revenue, EMEA'),
  fact('growth', 'Growth of total revenue, Jan 2023 to Dec 2023', '-4%'),
  fact('growth', 'Growth of revenue, EMEA, Q3 2023 to Q4 2023', '4%'),
  fact('contribution', 'Part of the change in revenue that came from EMEA, 2022 to 2023'),
  fact('total', 'Total revenue'),
  fact('cell', 'Revenue, EMEA'),
]

describe('The words of the sandbox’s chat model', () => {
  it('say one fact in a sentence in English', () => {
    expect(facts.map((one) => wordingFor('en').sentence(one))).toMatchInlineSnapshot(`
      [
        "EMEA has the highest revenue: {F1}",
        "Lowest revenue: Nordics and APAC at {F1}",
        "EMEA makes up {F1} of total revenue",
        "Total revenue fell by {F1} from Jan 2023 to Dec 2023",
        "EMEA: revenue grew by {F1} from Q3 2023 to Q4 2023",
        "EMEA accounts for {F1} of the change in revenue, 2022 to 2023",
        "Total revenue is {F1}",
        "Revenue, EMEA: {F1}",
      ]
    `)
  })

  it('say the same in German', () => {
    expect(facts.map((one) => wordingFor('de-CH').sentence(one))).toMatchInlineSnapshot(`
      [
        "EMEA hat bei revenue den höchsten Wert: {F1}",
        "Niedrigster Wert, revenue: Nordics and APAC: {F1}",
        "Anteil von EMEA an Summe revenue: {F1}",
        "Summe revenue sank von Jan 2023 bis Dec 2023 um {F1}",
        "EMEA: revenue stieg von Q3 2023 bis Q4 2023 um {F1}",
        "Beitrag von EMEA, 2022 bis 2023: {F1}",
        "Summe revenue: {F1}",
        "Revenue, EMEA: {F1}",
      ]
    `)
  })

  it('keep to English for a language they do not know', () => {
    expect(wordingFor('pt-BR')).toBe(wordingFor('en'))
  })
})
