// A dedicated worker: browsers slow the timers of hidden pages down to one a minute, but not those in here.
let timer = 0;

self.addEventListener("message", (event) => {
  clearInterval(timer);
  if (event.data.everyMs) timer = setInterval(() => self.postMessage("tick"), event.data.everyMs);
});
