package daemon

import (
	"context"
	"testing"
	"time"
)

// A daemon that starts while its store is away pushes to browsers all the same: it
// remembers devices and keys.
func TestAPushWhileTheStoreIsAway(t *testing.T) {
	withSpool(t, func(t *testing.T, w *town) {
		w.subscribe(w.alice, "Pixel")
		w.at(70 * time.Second) // what is known is written down now and then
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := w.daemon.Load().Stop(ctx); err != nil {
			t.Fatal(err)
		}
		w.storeGoes()
		stop := w.run(exampleConfig(t, w.world, toBrowsers))
		defer stop()
		w.alert("firing", "srv-db-01")
		w.at(2 * time.Minute)
		push := w.alice.ExpectPush(t, "CRITIQUE", "srv-db-01 HostDown")
		if code := w.button(push.Link(), "acknowledge"); code != 200 {
			t.Errorf("%d", code)
		}
		w.storeComesBack()
		w.at(3 * time.Minute)
		w.onlyOne("acknowledged")
	}, toBrowsers)
}
