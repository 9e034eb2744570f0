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

    function histogram(weight) {
      const svg = shape('svg', {class: 'hist', viewBox: '0 0 240 70', preserveAspectRatio: 'none'});
      const all = [weight.histogram, weight.other].filter(Boolean);
      const top = Math.max(1, ...all.flatMap(each => each.counts));
      all.forEach((each, side) => each.counts.forEach((count, index) => {
        const height = 58 * count / top;
        svg.append(shape('rect', {x: index * 10, y: 58 - height, width: 9, height,
          class: side === 0 ? 'first' : 'second'}));
      }));
      const low = shape('text', {x: 0, y: 69, class: 'axis'});
      low.textContent = short(weight.histogram.low);
      const high = shape('text', {x: 240, y: 69, class: 'axis', 'text-anchor': 'end'});
      high.textContent = short(weight.histogram.high);
      svg.append(low, high);
      return svg;
    }

    function describe(node) {
      const box = element('div');
      box.append(element('h3', node.op + ' ' + node.name));
      box.append(element('span', node.status, 'badge'));
      for (const change of node.changes) box.append(element('p', change, 'change'));
      const table = element('table');
      const row = (key, value) => {
        const line = element('tr');
        line.append(element('td', key), element('td', value));
        table.append(line);
      };
      node.attributes.forEach(([key, value]) => row(key, value));
      node.inputs.forEach((name, index) => row('input ' + index, name));
      node.outputs.forEach((name, index) => row('output ' + index, name));
      const point = drift.get(node.id);
      if (point) {
        row('max abs error', short(point.max_absolute));
        row('relative error', short(point.relative));
        if (point.snr !== undefined) row('SNR', short(point.snr) + ' dB');
      }
      box.append(table);
      for (const weight of node.weights) {
        box.append(element('h3', weight.name + ' ' + weight.type, 'weight'));
        if (weight.histogram) box.append(histogram(weight));
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
      const pane = drawn.closest('.graph');
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
    const pictures = [...document.querySelectorAll('.graph svg')].map(svg => ({
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
    document.getElementById('larger').onclick = () => scale(1.25);
    document.getElementById('smaller').onclick = () => scale(0.8);

    for (const drawn of document.querySelectorAll('.op')) {
      drawn.addEventListener('click', () => select(drawn.id, false));
    }

    function plot() {
      const points = data.drift.filter(point => typeof point.relative === 'number');
      if (points.length === 0) return;
      const holder = document.getElementById('drift');
      holder.append(element('h3', 'relative error along the depth'));
      const svg = shape('svg', {class: 'plot', viewBox: '0 0 360 190'});
      const floor = 1e-17;
      const logs = points.map(point => Math.log10(Math.max(point.relative, floor)));
      const low = Math.floor(Math.min(...logs)), high = Math.max(low + 1, Math.ceil(Math.max(...logs)));
      const last = Math.max(1, points[points.length - 1].position);
      const y = log => 165 - 150 * (log - low) / (high - low);
      const step = Math.max(1, Math.ceil((high - low) / 6));
      for (let log = low; log <= high; log += step) {
        svg.append(shape('line', {x1: 36, x2: 355, y1: y(log), y2: y(log), stroke: '#e6e6e6'}));
        const label = shape('text', {x: 32, y: y(log) + 3, class: 'axis', 'text-anchor': 'end'});
        label.textContent = log <= -17 ? '0' : '1e' + log;
        svg.append(label);
      }
      points.forEach((point, index) => {
        const dot = shape('circle', {cx: 40 + 310 * point.position / last, cy: y(logs[index]), r: 3,
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
    plot();
    walk(1);
    """#
}
