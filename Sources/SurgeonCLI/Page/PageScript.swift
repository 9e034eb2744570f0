/// What the page does: select, walk from change to change, draw histograms and drift.
enum PageScript {
  static let javascript = #"""

    'use strict';
    const data = JSON.parse(document.getElementById('data').textContent);
    const nodes = new Map(data.nodes.map(node => [node.id, node]));
    const drift = new Map(data.drift.map(point => [point.id, point]));
    const SVG = 'http://www.w3.org/2000/svg';

    function element(name, content, className) {
      const made = document.createElement(name);
      if (content !== undefined) made.textContent = content;
      if (className) made.className = className;
      return made;
    }
    function shape(name, attributes) {
      const made = document.createElementNS(SVG, name);
      for (const key in attributes) made.setAttribute(key, attributes[key]);
      return made;
    }
    function short(number) {
      if (typeof number !== 'number') return String(number);
      return number === 0 ? '0' : Math.abs(number) < 1e-3 || Math.abs(number) >= 1e5
        ? number.toExponential(1) : String(Number(number.toPrecision(3)));
    }

    // Ids of the first model's nodes start with b, those of the second's with a.
    const side = node => node.id[0] === 'b' ? 'before' : 'after';

    function histogram(weight, here) {
      const box = element('div');
      const {low, high} = weight.histogram;
      if (low === high) {
        box.append(element('p', 'every number is ' + short(low), 'note'));
        return box;
      }
      const sides = here === 'before' ? ['before', 'after'] : ['after', 'before'];
      const svg = shape('svg', {class: 'hist', viewBox: '0 0 240 56', preserveAspectRatio: 'none'});
      const all = [weight.histogram, weight.other].filter(Boolean);
      const top = Math.max(1, ...all.flatMap(each => each.counts));
      all.forEach((each, place) => each.counts.forEach((count, index) => {
        const height = 54 * count / top;
        svg.append(shape('rect', {x: index * 10, y: 56 - height, width: 9, height,
          class: sides[place]}));
      }));
      const range = element('div', undefined, 'range');
      range.append(element('span', short(low)));
      if (weight.other) {
        const key = element('span', undefined, 'key');
        key.append(element('i', '■ before ', 'before'), element('i', '■ after', 'after'));
        range.append(key);
      }
      range.append(element('span', short(high)));
      box.append(svg, range);
      return box;
    }

    function describe(node) {
      const box = element('div');
      box.append(element('h3', node.op + ' ' + node.name));
      box.append(element('span', side(node), 'side'));
      box.append(element('span', node.status, 'badge ' + node.status));
      if (node.place) box.append(element('p', 'in the ' + node.place, 'note'));
      for (const change of node.changes) box.append(element('p', change, 'change'));
      const table = element('table');
      const row = (key, value, type) => {
        const line = element('tr');
        const cell = element('td', value);
        if (type) cell.append(element('div', type, 'type'));
        line.append(element('td', key), cell);
        table.append(line);
      };
      node.attributes.forEach(([key, value]) => row(key, value));
      node.inputs.forEach(([name, type], index) => row('input ' + index, name, type));
      node.outputs.forEach(([name, type], index) => row('output ' + index, name, type));
      const point = drift.get(node.id);
      if (point) {
        row('max abs error', short(point.max_absolute));
        if (point.p99 !== undefined) row('99 % below', short(point.p99));
        row('relative error', short(point.relative));
        if (typeof point.snr === 'number') row('SNR', short(point.snr) + ' dB');
        if (point.max_absolute === 0) row('result', 'the same bits');
      }
      box.append(table);
      for (const weight of node.weights) {
        box.append(element('h3', weight.name + ' ' + weight.type, 'weight'));
        if (weight.histogram) box.append(histogram(weight, side(node)));
      }
      return box;
    }

    let selected = null;
    function select(id, scroll) {
      const node = nodes.get(id);
      if (!node) return;
      selected = id;
      document.querySelectorAll('.selected, .partner').forEach(each =>
        each.classList.remove('selected', 'partner'));
      const details = document.getElementById('details');
      details.replaceChildren(describe(node));
      for (const partner of node.partners) {
        if (nodes.has(partner)) details.append(describe(nodes.get(partner)));
      }
      [id, ...node.partners].forEach((each, index) => {
        const drawn = document.getElementById(each);
        if (!drawn) return;
        drawn.classList.add(index === 0 ? 'selected' : 'partner');
        if (index === 0 ? scroll : index === 1) show(drawn);
      });
    }
    function show(drawn) {
      const pane = drawn.closest('.pane');
      const box = drawn.getBoundingClientRect(), frame = pane.getBoundingClientRect();
      pane.scrollBy(box.left + box.width / 2 - frame.left - frame.width / 2,
        box.top + box.height / 2 - frame.top - frame.height / 2);
    }

    let place = -1;
    function walk(step) {
      if (data.tour.length === 0) return;
      place = (place + step + data.tour.length) % data.tour.length;
      document.getElementById('place').textContent = (place + 1) + ' of ' + data.tour.length;
      select(data.tour[place], true);
    }
    document.getElementById('next').onclick = () => walk(1);
    document.getElementById('previous').onclick = () => walk(-1);

    let zoom = 1;
    const pictures = [...document.querySelectorAll('.pane svg')].map(svg => ({
      svg, width: svg.viewBox.baseVal.width, height: svg.viewBox.baseVal.height}));
    function scale(factor) {
      zoom *= factor;
      for (const {svg, width, height} of pictures) {
        svg.setAttribute('width', width * zoom);
        svg.setAttribute('height', height * zoom);
      }
      const drawn = selected && document.getElementById(selected);
      if (drawn) show(drawn);
    }
    function fit() {
      const pane = document.querySelector('.pane');
      const widest = Math.max(...pictures.map(each => each.width));
      scale(Math.min(1, (pane.clientWidth - 24) / widest) / zoom);
    }
    document.getElementById('fit').onclick = fit;
    document.getElementById('larger').onclick = () => scale(1.25);
    document.getElementById('smaller').onclick = () => scale(0.8);

    for (const drawn of document.querySelectorAll('.op')) {
      drawn.addEventListener('click', () => select(drawn.id, false));
    }

    document.getElementById('search').addEventListener('change', event => {
      const wanted = event.target.value.trim().toLowerCase();
      if (!wanted) return;
      const all = data.nodes.map(node => node.id);
      const start = all.indexOf(selected) + 1;
      const found = [...all.slice(start), ...all.slice(0, start)].find(id => {
        const node = nodes.get(id);
        return (node.op + ' ' + node.name + ' ' + node.outputs.map(([name]) => name).join(' ')).toLowerCase()
          .includes(wanted);
      });
      if (found) select(found, true);
    });
    document.addEventListener('keydown', event => {
      if (event.target.tagName === 'INPUT') return;
      if (event.key === 'ArrowRight') walk(1);
      if (event.key === 'ArrowLeft') walk(-1);
    });

    function plot() {
      const points = data.drift.filter(point => typeof point.relative === 'number');
      if (points.length === 0) return;
      const holder = document.getElementById('drift');
      holder.append(element('h3', 'relative error along the depth'));
      const same = points.filter(point => point.relative === 0).length;
      if (same === points.length) {
        holder.append(element('p', 'all ' + same + ' compared values have the same bits', 'note'));
        return;
      }
      holder.append(element('p', points.length + ' values compared, ' + same + ' the same bits; '
        + points.filter(point => point.diverges).length + ' further apart than rounding explains (red)',
        'note'));
      const svg = shape('svg', {class: 'plot', viewBox: '0 0 360 190'});
      // Zero has no logarithm: it is drawn on the lowest line.
      const least = Math.min(...points.map(point => point.relative).filter(each => each > 0));
      const floor = 10 ** (Math.floor(Math.log10(least)) - 1);
      const logs = points.map(point => Math.log10(Math.max(point.relative, floor)));
      const low = Math.floor(Math.min(...logs)), high = Math.max(low + 1, Math.ceil(Math.max(...logs)));
      const last = Math.max(1, points[points.length - 1].position);
      const y = log => 165 - 150 * (log - low) / (high - low);
      const step = Math.max(1, Math.ceil((high - low) / 6));
      for (let log = low; log <= high; log += step) {
        svg.append(shape('line', {x1: 36, x2: 355, y1: y(log), y2: y(log), stroke: '#e6e6e6'}));
        const label = shape('text', {x: 32, y: y(log) + 3, class: 'axis', 'text-anchor': 'end'});
        label.textContent = same > 0 && log === low ? '0' : '1e' + log;
        svg.append(label);
      }
      points.forEach((point, index) => {
        const dot = shape('circle', {cx: 40 + 310 * point.position / last, cy: y(logs[index]), r: points.length > 400 ? 1.8 : 3,
          class: point.diverges ? 'diverges' : ''});
        const title = shape('title', {});
        title.textContent = point.name + ': ' + short(point.relative);
        dot.append(title);
        dot.addEventListener('click', () => select(point.id, true));
        svg.append(dot);
      });
      const axis = shape('text', {x: 355, y: 185, class: 'axis', 'text-anchor': 'end'});
      axis.textContent = 'place in the order of execution';
      svg.append(axis);
      holder.append(svg);
    }
    // The legend tells how many nodes of each kind there are, and names none that is not there.
    for (const entry of document.querySelectorAll('.legend li')) {
      const count = data.nodes.filter(node => node.status === entry.className).length;
      entry.hidden = count === 0;
      entry.textContent += ' ' + count;
    }
    plot();
    walk(1);
    """#
}
