// Looks a choice up in the tables and rolls the account forward, as the engine does.

const sum = (values) => values.reduce((total, value) => total + value, 0);

// Which levels kept lie around a level asked for, and how much of each: one level where it is kept.
function between(levels, level) {
  const exact = levels.indexOf(level);
  if (exact >= 0) return [[exact, 1]];
  if (level <= levels[0]) return [[0, 1]];
  let low = 0;
  while (low + 2 < levels.length && levels[low + 1] <= level) low += 1;
  const reach = (level - levels[low]) / (levels[low + 1] - levels[low]);
  return [[low, 1 - reach], [low + 1, reach]];
}

class Model {
  constructor(figures, tables) {
    this.figures = figures;
    this.tables = tables;
    this.crossed = figures.prices.concat(figures.flow);
    this.lanes = this.count(this.crossed);
    this.flowLanes = this.count(figures.flow);
  }

  count(names) {
    return names.reduce((product, m) => product * this.figures.levels[m].length, 1);
  }

  // Whether every figure is one the engine worked out, or some lie between two.
  isExact(choice) {
    return choice.levels.every((level, m) => this.figures.levels[m].includes(level));
  }

  lane(names, choice) {
    let found = [[0, 1]];
    for (const m of names) {
      const levels = this.figures.levels[m];
      const around = between(levels, choice.levels[m]);
      found = found.flatMap(([at, weight]) => around.map(([k, part]) => [at * levels.length + k, weight * part]));
    }
    return found;
  }

  inYear(choice) {
    const { figures, tables, lanes } = this;
    const chosen = this.lane(this.crossed, choice);
    return figures.years.map((_, f) => {
      const row = (choice.growth * figures.years.length + f) * lanes;
      let position = sum(chosen.map(([at, weight]) => weight * tables.inYear[row + at]));
      for (const [m, table] of Object.entries(figures.added)) {
        const around = between(figures.levels[m], choice.levels[m]);
        position += sum(around.map(([k, part]) => part * table[k][f]));
      }
      return position + figures.settled[choice.settlement][f];
    });
  }

  // Plans by January count and placement.
  plans(choice) {
    const { figures, tables, flowLanes } = this;
    const chosen = this.lane(figures.flow, choice);
    const kinds = figures.placements.length;
    return figures.counts.map((_, c) => figures.placements.map((_name, p) => {
      const row = ((choice.growth * figures.counts.length + c) * kinds + p) * flowLanes;
      return sum(chosen.map(([at, weight]) => weight * tables.plans[row + at]));
    }));
  }

  // Opening + in-year + support = closing; the balance before contributions beside it.
  settle(inYear, support) {
    const { base, agreed } = this.figures;
    const rules = this.figures.supports[support];
    const closing = [];
    const gross = [];
    let balance = base.closing;
    let before = base.gross;
    let onTrack = true;
    inYear.forEach((position, f) => {
      before += position;
      if (agreed[f] !== null) onTrack = onTrack && before >= agreed[f];
      let received = 0;
      for (const rule of rules) {
        let paid = rule.pays[f];
        if (rule.share && rule.paidYear === f) {
          const at = rule.balanceYear < 0 ? base.closing : closing[rule.balanceYear];
          paid += rule.share * Math.max(0, -at);
        }
        if (!rule.stops || onTrack) received += paid;
      }
      balance += position + received;
      closing.push(balance);
      gross.push(before);
    });
    return { inYear, closing, gross };
  }

  // Every draw of a choice settled, or null where no draws were made.
  draws(choice, central) {
    const { figures, tables } = this;
    if (!tables.plain) return null;
    const years = figures.years.length;
    const [, draws] = figures.packed.plain.shape;
    const found = [];
    for (let d = 0; d < draws; d += 1) {
      const position = central.map((value, f) => value + tables.plain[(choice.growth * draws + d) * years + f]);
      choice.levels.forEach((level, m) => {
        if (!level) return;
        for (let f = 0; f < years; f += 1) position[f] += level * tables.own[(m * draws + d) * years + f];
      });
      found.push(this.settle(position, choice.support));
    }
    return found;
  }

  result(choice) {
    const inYear = this.inYear(choice);
    const account = this.settle(inYear, choice.support);
    const drawn = this.draws(choice, inYear);
    const { agreed } = this.figures;
    const share = (holds) => (drawn ? drawn.filter(holds).length / drawn.length : null);
    return {
      ...account,
      plans: this.plans(choice),
      exact: this.isExact(choice),
      balanced: inYear.map((_, f) => share((draw) => draw.inYear[f] >= 0)),
      met: inYear.map((_, f) => (agreed[f] === null ? null : share((draw) => draw.gross[f] >= agreed[f]))),
      range: (item) => drawn && inYear.map((_, f) => {
        const values = drawn.map((draw) => draw[item][f]).sort((a, b) => a - b);
        return [quantile(values, 0.1), quantile(values, 0.9)];
      }),
    };
  }
}

function quantile(sorted, level) {
  const at = level * (sorted.length - 1);
  const low = Math.floor(at);
  const high = Math.min(low + 1, sorted.length - 1);
  return sorted[low] + (sorted[high] - sorted[low]) * (at - low);
}
