history.replaceState(null, "", document.currentScript.dataset.at);
