# What Mattermost expects of GitLab: a number that never changes, and a name.
return {
    "id": request.user.pk,
    "username": request.user.username,
    "login": request.user.username,
    "name": request.user.name or request.user.username,
    "email": request.user.email,
}
