package nagios

import (
	"maps"
	"testing"
)

func TestNamesOfAllTools(t *testing.T) {
	want := map[string]string{Host: "srv", Service: "Disk /var", Type: "PROBLEM", ServiceState: "CRITICAL", Output: "full", "customer": "acme"}
	for name, environ := range map[string][]string{
		"nagios": {
			"NAGIOS_HOSTNAME=srv", "NAGIOS_SERVICEDESC=Disk /var", "NAGIOS_NOTIFICATIONTYPE=PROBLEM", "NAGIOS_SERVICESTATE=CRITICAL",
			"NAGIOS_SERVICEOUTPUT=full", "NAGIOS__HOSTCUSTOMER=acme", "NAGIOS__HOSTSNMP_PASSWORD=hush", "NAGIOS_USER1=hush", "NAGIOS_NOTES=", "HOSTNAME=monitor", "HOST=monitor",
			"PATH=/bin", "HOME=/root", "STATE=x", "TYPE=y", "NAGIOS_CONTACTEMAIL=a@example.net",
		},
		"checkmk": {
			"NOTIFY_HOSTNAME=srv", "NOTIFY_SERVICEDESC=Disk /var", "NOTIFY_NOTIFICATIONTYPE=PROBLEM", "NOTIFY_SERVICESTATE=CRITICAL", "NOTIFY_SERVICEOUTPUT=full",
			"NOTIFY_PARAMETER_PASSWORD=hush", "NOTIFY_HOST_CUSTOMER=acme", "NOTIFY_WHAT=SERVICE", "NOTIFY_HOST_TAGS=x",
		},
		"icinga": {
			"IC_HOSTNAME=srv", "IC_SERVICEDESC=Disk /var", "NOTIFICATIONTYPE=PROBLEM", "SERVICESTATE=CRITICAL", "SERVICEOUTPUT=full", "ICINGA__HOSTCUSTOMER=acme",
			"NOTIFICATIONCOMMENT=$notification.comment$",
		},
	} {
		got := FromEnvironment(environ)
		if delete(got, What); !maps.Equal(got, want) {
			t.Errorf("%s: %v", name, got)
		}
	}
	if got := Fields(map[string]string{"host": "srv", "SERVICEDESC": "Disk /var", "service_state": "CRITICAL", "serviceoutput": "full", "Notification_Type": "PROBLEM", "customer": "acme"}); !maps.Equal(got, want) {
		t.Errorf("fields: %v", got)
	}
	if got := Labels(want); !maps.Equal(got, map[string]string{"customer": "acme"}) {
		t.Errorf("labels: %v", got)
	}
}

// TestTwoNamesForOneField: the field's own name wins, whatever the order.
func TestTwoNamesForOneField(t *testing.T) {
	for range 50 {
		got := Fields(map[string]string{"NAGIOS_NOTIFICATIONAUTHOR": "b", "NAGIOS_SERVICEACKAUTHOR": "c", "author": "a", "NAGIOS_HOSTACKAUTHOR": "d"})
		if got[Author] != "a" || len(got) != 1 {
			t.Fatal(got)
		}
	}
}
