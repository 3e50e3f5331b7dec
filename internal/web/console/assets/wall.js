// A wall makes a sound when something opens, if somebody asked for that: by the button,
// or by #sound at the end of its address, where the browser lets pages begin with sound.
(() => {
  "use strict";
  const bell = document.getElementById("bell");
  if (!bell || !window.AudioContext) return;
  let audio = null, seen = opened();
  function opened() { return new Set([...document.querySelectorAll("#opened > li")].map((row) => row.id)); }

  // Two short tones, the second higher: no file is loaded for them.
  function ring() {
    for (const [at, pitch] of [[0, 660], [0.25, 880]]) {
      const tone = audio.createOscillator(), loud = audio.createGain();
      const begin = audio.currentTime + at;
      tone.frequency.value = pitch;
      loud.gain.setValueAtTime(0.4, begin);
      loud.gain.exponentialRampToValueAtTime(0.001, begin + 0.22);
      tone.connect(loud).connect(audio.destination);
      tone.start(begin);
      tone.stop(begin + 0.23);
    }
    bell.dataset.rung = Number(bell.dataset.rung || 0) + 1;
  }
  async function turn(on) {
    audio ||= new AudioContext();
    await (on ? audio.resume() : audio.suspend());
    bell.setAttribute("aria-pressed", on && audio.state === "running");
    history.replaceState(null, "", on ? "#sound" : location.pathname + location.search);
    if (on) ring();
  }
  const on = () => bell.getAttribute("aria-pressed") === "true";
  bell.addEventListener("click", () => turn(!on()));
  document.addEventListener("htmx:after:swap", () => {
    const now = opened();
    if (on() && [...now].some((id) => !seen.has(id))) ring();
    seen = now;
  });
  bell.hidden = false;
  if (location.hash === "#sound") {
    audio = new AudioContext();
    if (audio.state === "running") turn(true); // else the button asks for it
  }
})();
