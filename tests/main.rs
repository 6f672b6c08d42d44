mod ocsf;
