"""Published claims about offline errors, measured in closed loop; and audits of tables of such errors."""
