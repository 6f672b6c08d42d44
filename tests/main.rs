mod ocsf;
mod trail;
